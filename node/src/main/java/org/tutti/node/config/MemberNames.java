package org.tutti.node.config;

import org.tutti.libp2p.identity.PeerId;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the members are called wherever a person reads of them: by the alias of the configuration
/// and the end of the peer id, as `bob (…8hVtx2Qe)`, or by the latter alone. Threads: any.
public final class MemberNames {
    private static final int SHORT_ID = 8;

    private volatile Map<String, String> aliases;

    /// @param members of the configuration
    public MemberNames(List<NodeConfig.MemberConfig> members) {
        aliases = aliases(members);
    }

    private static Map<String, String> aliases(List<NodeConfig.MemberConfig> members) {
        Map<String, String> aliases = new HashMap<>();
        for (NodeConfig.MemberConfig member : members) {
            member.alias().ifPresent(alias -> aliases.put(member.peerId().toString(), alias));
        }
        return Map.copyOf(aliases);
    }

    /// From now on they are called as these members say.
    public void use(List<NodeConfig.MemberConfig> members) {
        aliases = aliases(members);
    }

    /// The name of the member with this peer id.
    public String of(PeerId peerId) {
        return of(peerId.toString());
    }

    /// The same for a peer id as text. What is no peer id is its own name.
    public String of(String peerId) {
        String end =
                peerId.startsWith("12D3") || peerId.startsWith("16Uiu2")
                        ? "…" + peerId.substring(peerId.length() - SHORT_ID)
                        : peerId;
        return alias(peerId).map(alias -> alias + " (" + end + ")").orElse(end);
    }

    /// The alias alone.
    public Optional<String> alias(String peerId) {
        return Optional.ofNullable(aliases.get(peerId));
    }
}
