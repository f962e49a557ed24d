package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.coordinator.group.GroupEvent;
import org.tutti.node.events.NodeEvent;

/// Translates what becomes of groups into the node's events.
final class GroupReports {
    private GroupReports() {}

    static NodeEvent of(GroupEvent event, Network network) {
        String proposal = event.proposal().toString();
        return switch (event) {
            case GroupEvent.GroupProposed e ->
                    new NodeEvent.GroupProposed(
                            proposal,
                            e.made().name(),
                            RequestReports.text(e.made().proposer()),
                            e.own(),
                            e.made().members().size());
            case GroupEvent.GroupConsented e ->
                    new NodeEvent.GroupConsented(
                            proposal, RequestReports.text(e.member()), e.consented(), e.of());
            case GroupEvent.GroupFormed e ->
                    new NodeEvent.GroupFormed(
                            proposal,
                            e.descriptor().id().toHex(),
                            GroupsService.address(e.descriptor(), network),
                            e.descriptor().epoch(),
                            e.descriptor().previous().map(Bytes::toHex).orElse(""));
            case GroupEvent.GroupLeft e ->
                    new NodeEvent.GroupLeft(proposal, e.previous().toHex(), e.successor().toHex());
            case GroupEvent.GroupFailed e ->
                    new NodeEvent.GroupFailed(
                            proposal,
                            e.failure().code().name(),
                            e.failure().reason(),
                            RequestReports.texts(e.failure().culprits()));
        };
    }
}
