package org.tutti.app.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/// Free ports on loopback for nodes that are yet to start.
///
/// Every member's address stands in every member's configuration, so ports are chosen before the
/// nodes listen. They are drawn below the range from which systems take ports by themselves; should
/// another process still be faster, the node says PORT_IN_USE and the demo draws again.
final class Ports {
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final int MAX_TRIES = 2_000;

    private Ports() {}

    static List<Integer> free(int count, RandomGenerator random) throws DemoFailed {
        Set<Integer> ports = new LinkedHashSet<>();
        for (int tries = 0; ports.size() < count; tries++) {
            if (tries == MAX_TRIES) {
                throw new DemoFailed(
                        "PORT_IN_USE",
                        "no free ports between " + LOWEST + " and " + HIGHEST + " on 127.0.0.1");
            }
            int port = random.nextInt(LOWEST, HIGHEST);
            if (isFree(port)) {
                ports.add(port);
            }
        }
        return List.copyOf(ports);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
