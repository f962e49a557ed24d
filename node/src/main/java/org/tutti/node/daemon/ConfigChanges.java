package org.tutti.node.daemon;

import org.tutti.node.config.NodeConfig;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What differs between two readings of a configuration.
///
/// @param used what a running node takes over, with the new value
/// @param needRestart keys of what it does not
record ConfigChanges(List<String> used, List<String> needRestart) {
    ConfigChanges {
        used = List.copyOf(used);
        needRestart = List.copyOf(needRestart);
    }

    static ConfigChanges between(NodeConfig before, NodeConfig after) {
        List<String> used = new ArrayList<>();
        NodeConfig.PolicyConfig old = before.policy();
        NodeConfig.PolicyConfig now = after.policy();
        if (old.maxAmountSat() != now.maxAmountSat()) {
            used.add("policy.max_amount_sat = " + now.maxAmountSat());
        }
        if (isAnotherDayLimit(before, after)) {
            used.add("policy.max_amount_per_day_sat = " + now.maxAmountPerDaySat().getAsLong());
        }
        if (!before.bitcoinPeers().equals(after.bitcoinPeers())) {
            used.add("bitcoin.peers = " + after.bitcoinPeers());
        }
        if (old.maxFeeSat() != now.maxFeeSat()) {
            used.add("policy.max_fee_sat = " + now.maxFeeSat());
        }
        if (old.anyDestination() != now.anyDestination()
                || !old.destinations().equals(now.destinations())) {
            used.add(
                    now.anyDestination()
                            ? "policy.any_destination = true"
                            : "policy.destinations = " + now.destinations());
        }
        if (old.requireFreshChain() != now.requireFreshChain()) {
            used.add("policy.require_fresh_chain = " + now.requireFreshChain());
        }
        if (!before.connections().allow().equals(after.connections().allow())) {
            used.add("allow = " + after.connections().allow());
        }
        for (NodeConfig.MemberConfig member : after.members()) {
            boolean same =
                    before.members().stream()
                            .filter(other -> other.peerId().equals(member.peerId()))
                            .allMatch(other -> other.alias().equals(member.alias()));
            if (!same) {
                used.add(
                        "members.alias of %s = %s"
                                .formatted(member.peerId(), member.alias().orElse("none")));
            }
        }
        if (!before.log().equals(after.log())) {
            used.add("log");
        }
        if (before.requests().isPresent()
                && after.requests().isPresent()
                && !rules(before.requests().get()).equals(rules(after.requests().get()))) {
            used.add("requests");
        }
        return new ConfigChanges(used, needRestart(before, after));
    }

    /// What decides on requests and is not counted or named.
    private static List<Object> rules(NodeConfig.RequestsConfig requests) {
        return List.of(
                requests.mode(),
                requests.maxAmountSat(),
                requests.maxFeeSat(),
                requests.types(),
                requests.requesters(),
                requests.destinations(),
                requests.anyDestination(),
                requests.raw());
    }

    /// Without a limit nothing was counted, and a limit cannot begin in the middle.
    static boolean isAnotherDayLimit(NodeConfig before, NodeConfig after) {
        return before.policy().maxAmountPerDaySat().isPresent()
                && after.policy().maxAmountPerDaySat().isPresent()
                && !before.policy()
                        .maxAmountPerDaySat()
                        .equals(after.policy().maxAmountPerDaySat());
    }

    private static List<String> needRestart(NodeConfig before, NodeConfig after) {
        List<String> keys = new ArrayList<>();
        compare(keys, "data", before.data(), after.data());
        compare(keys, "listen", before.connections().listen(), after.connections().listen());
        compare(keys, "announce", before.connections().announce(), after.connections().announce());
        compare(
                keys,
                "dht.bootstrap",
                before.connections().bootstrap(),
                after.connections().bootstrap());
        compare(keys, "limits", before.connections().limits(), after.connections().limits());
        compare(keys, "network", before.network(), after.network());
        compare(
                keys,
                "allow_mainnet_signing",
                before.allowMainnetSigning(),
                after.allowMainnetSigning());
        compare(keys, "birthday", before.birthday(), after.birthday());
        compare(keys, "epoch", before.epoch(), after.epoch());
        compare(
                keys,
                "policy.max_amount_per_day_sat",
                before.policy().maxAmountPerDaySat().isPresent(),
                after.policy().maxAmountPerDaySat().isPresent());
        compare(keys, "requests", before.requests().isPresent(), after.requests().isPresent());
        if (before.requests().isPresent() && after.requests().isPresent()) {
            NodeConfig.RequestsConfig old = before.requests().get();
            NodeConfig.RequestsConfig now = after.requests().get();
            compare(
                    keys,
                    "requests.max_amount_per_day_sat",
                    old.maxAmountPerDaySat(),
                    now.maxAmountPerDaySat());
            compare(keys, "requests.step_by_step", old.stepByStep(), now.stepByStep());
            compare(keys, "requests.contacts", old.contacts(), now.contacts());
            compare(
                    keys,
                    "requests.advertise",
                    old.adverts().advertise(),
                    now.adverts().advertise());
            compare(keys, "requests.watch", old.adverts().watch(), now.adverts().watch());
            compare(keys, "requests.vouchers", old.adverts().vouchers(), now.adverts().vouchers());
        }
        compare(keys, "timeouts", before.timeouts(), after.timeouts());
        compare(keys, "members", group(before), group(after));
        return keys;
    }

    private static List<Object> group(NodeConfig config) {
        return config.members().stream()
                .<Object>map(
                        member -> List.of(member.peerId(), member.signingKey(), member.address()))
                .toList();
    }

    private static void compare(List<String> keys, String key, Object before, Object after) {
        if (!Objects.equals(before, after)) {
            keys.add(key);
        }
    }
}
