package org.tutti.node.control;

import org.tutti.node.api.ApiException;

import java.nio.file.Path;

/// Nobody could be reached on the control socket of a data folder.
public final class NodeNotRunningException extends ApiException {
    private NodeNotRunningException(String code, String reason) {
        super(code, reason);
    }

    static NodeNotRunningException notRunning(Path dataFolder) {
        return new NodeNotRunningException(
                "NOT_RUNNING",
                "no node is running with the data folder "
                        + dataFolder
                        + ": start it with ./tutti node --config FILE");
    }

    static NodeNotRunningException noFolder(Path dataFolder) {
        return new NodeNotRunningException(
                "NO_SUCH_FOLDER", dataFolder + ": there is no such data folder");
    }

    static NodeNotRunningException denied(Path socket) {
        return new NodeNotRunningException(
                "PERMISSION_DENIED",
                socket + ": permission denied; only the user who runs the node may ask it");
    }
}
