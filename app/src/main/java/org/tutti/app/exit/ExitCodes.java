package org.tutti.app.exit;

/// What the process of `./tutti` ends with.
public final class ExitCodes {
    /// All that was asked for happened.
    public static final int OK = 0;

    /// It was tried and did not happen: refused, aborted, timed out.
    public static final int FAILED = 1;

    /// The command line is wrong (picocli's own code).
    public static final int USAGE = 2;

    /// A configuration file or a data folder says something that cannot be.
    public static final int CONFIG = 3;

    /// The surroundings do not allow it: port in use, folder locked, Java too old, no node running.
    public static final int ENVIRONMENT = 4;

    /// A defect of Tutti's own.
    public static final int DEFECT = 5;

    /// Ended by Ctrl-C.
    public static final int INTERRUPTED = 130;

    private ExitCodes() {}
}
