package org.tutti.node.api;

import java.util.List;

/// The proposals and groups of a node.
///
/// @param groups newest first
public record Groups(List<GroupInfo> groups) {
    public Groups {
        groups = List.copyOf(groups);
    }
}
