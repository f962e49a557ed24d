package org.tutti.app.launcher;

import org.tutti.app.exit.ExitCodes;

import java.lang.reflect.InvocationTargetException;

/**
 * Where the executable jar starts. Compiled for Java 8, so that a Java that is too old says so in
 * one line instead of throwing UnsupportedClassVersionError; everything else needs Java 25.
 */
public final class Launcher {
    private static final int WANTED = 25;

    private Launcher() {}

    /** Checks the version, then hands over. */
    public static void main(String[] args) throws Exception {
        int version = featureVersion(System.getProperty("java.specification.version", "0"));
        if (version < WANTED) {
            System.err.println(
                    "tutti: Tutti needs Java "
                            + WANTED
                            + ", and this is Java "
                            + version
                            + " in "
                            + System.getProperty("java.home")
                            + ": start it with ./tutti, which finds a JDK "
                            + WANTED
                            + ", or name one in TUTTI_JAVA");
            // A constant, which the compiler copies: an old Java could not load that class.
            System.exit(ExitCodes.ENVIRONMENT);
        }
        try {
            Class.forName("org.tutti.app.cli.Main")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            System.err.println("tutti: a defect in Tutti: " + e.getCause());
            System.exit(ExitCodes.DEFECT);
        }
    }

    /** "1.8" is 8, "17" is 17. */
    static int featureVersion(String specification) {
        String text = specification.startsWith("1.") ? specification.substring(2) : specification;
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
