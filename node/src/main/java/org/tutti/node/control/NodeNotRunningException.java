package org.tutti.node.control;

import org.tutti.node.api.ApiException;

import java.nio.file.Path;

/// Nobody listens on the control socket of a data folder.
public final class NodeNotRunningException extends ApiException {
    NodeNotRunningException(Path dataFolder) {
        super(
                "NOT_RUNNING",
                "no node is running with the data folder "
                        + dataFolder
                        + ": start it with ./tutti node --config FILE");
    }
}
