package org.tutti.node.config;

import org.tutti.libp2p.identity.PeerId;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the members are called wherever a person reads of them: by the alias of the configuration
/// and the end of the peer id, as `bob (…8hVtx2Qe)`, or by the latter alone.
public final class MemberNames {
    /// Nobody has an alias.
    public static final MemberNames NONE = new MemberNames(List.of());

    private static final int SHORT_ID = 8;

    private final Map<String, String> aliases = new HashMap<>();

    /// @param members of the configuration
    public MemberNames(List<NodeConfig.MemberConfig> members) {
        for (NodeConfig.MemberConfig member : members) {
            member.alias().ifPresent(alias -> aliases.put(member.peerId().toString(), alias));
        }
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
