package org.tutti.node.process;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/// Signals of the operating system.
///
/// By reflection, because the only way to hear of them, `sun.misc.Signal` of the module
/// `jdk.unsupported`, cannot be compiled against without a warning.
public final class Signals {
    private Signals() {}

    /// From now on a signal does this in place of what the JVM does by itself. One that was ignored
    /// when the JVM started, as SIGHUP under `nohup`, stays ignored.
    ///
    /// @param name without `SIG`, such as `TERM`
    /// @param action runs on a thread of its own
    /// @return false if this JVM does not allow it; then nothing was changed
    @SuppressWarnings("ReferenceEquality") // A proxy equals itself alone.
    public static boolean on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (self, method, arguments) ->
                                    switch (method.getName()) {
                                        case "handle" -> {
                                            action.run();
                                            yield null;
                                        }
                                        case "hashCode" -> System.identityHashCode(self);
                                        case "equals" ->
                                                arguments.length == 1 && self == arguments[0];
                                        default -> name;
                                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            return true;
        } catch (InvocationTargetException e) {
            // The signal is the JVM's own (-Xrs), or not one of this system's.
            return false;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
