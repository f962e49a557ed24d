package org.tutti.libp2p.pubsub.gossipsub.parameters;

/// How many peers a topic's mesh has (gossipsub-v1.0.md, "Parameters"; gossipsub-v1.1.md, "Outbound
/// Mesh Quotas", "Heartbeat Maintenance").
///
/// @param target `D`, what the mesh is brought back to
/// @param low `D_low`, below which peers are grafted
/// @param high `D_high`, above which peers are pruned
/// @param score `D_score`, how many stay for their score when others are pruned
/// @param out `D_out`, how many are connections that we dialled
/// @param lazy `D_lazy`, to how many peers gossip goes at least
public record MeshDegree(int target, int low, int high, int score, int out, int lazy) {
    public MeshDegree {
        if (low < 0 || low > target || target > high || lazy < 0 || score < 0 || score > high) {
            throw new IllegalArgumentException("0 <= D_low <= D <= D_high, and D_score <= D_high");
        }
        // gossipsub-v1.1.md, "Outbound Mesh Quotas": "D_out, which must be set below D_lo and at
        // most D/2". A bootstrapper has all of them zero.
        if (out < 0 || (target > 0 && (out >= Math.max(low, 1) || out > target / 2))) {
            throw new IllegalArgumentException("D_out is below D_low and at most D/2");
        }
    }

    /// What the specs recommend: 6, 5, 12, 4, 2, 6.
    public static MeshDegree defaults() {
        return new MeshDegree(6, 5, 12, 4, 2, 6);
    }

    /// For a group of so many members, ourselves counted: D = min(6, n − 1), so that a mesh is
    /// complete where it can be, and is not searched for peers that there are not.
    ///
    /// @param members at least 2
    public static MeshDegree ofGroup(int members) {
        if (members < 2) {
            throw new IllegalArgumentException("a group has two members or more: " + members);
        }
        int target = Math.min(6, members - 1);
        int low = Math.min(5, target);
        int out = Math.min(2, Math.min(low - 1, target / 2));
        return new MeshDegree(target, low, 12, Math.min(4, target), out, 6);
    }
}
