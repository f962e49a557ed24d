package org.tutti.app.cli;

import picocli.CommandLine.IVersionProvider;

/// `--version`: Tutti's own from the jar's manifest, and what it runs on.
final class Version implements IVersionProvider {
    /// The version of the jar, or `dev` when run from classes.
    static String tutti() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "tutti " + tutti(),
            "Java "
                    + System.getProperty("java.runtime.version")
                    + ", "
                    + System.getProperty("os.name")
                    + " "
                    + System.getProperty("os.arch")
        };
    }
}
