package org.tutti.app.exit;

/// The exit codes of `./tutti`.
public final class ExitCodes {
    /// Success.
    public static final int OK = 0;

    /// The command failed: refused, aborted, timed out.
    public static final int FAILED = 1;

    /// The command line is wrong (picocli's own code).
    public static final int USAGE = 2;

    /// A configuration file or a data folder is wrong.
    public static final int CONFIG = 3;

    /// The environment does not allow it: port in use, folder locked, Java too old, no node
    /// running.
    public static final int ENVIRONMENT = 4;

    /// A defect in Tutti.
    public static final int DEFECT = 5;

    /// Nobody can say yet whether it was done: it must not be repeated before that is known.
    public static final int UNKNOWN = 6;

    /// Ended by Ctrl-C.
    public static final int INTERRUPTED = 130;

    private ExitCodes() {}
}
