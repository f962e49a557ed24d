package org.tutti.node.api;

/// What a running node can be asked about lasting groups with others who share no configuration. A
/// group is named by its proposal's id or its descriptor's, 64 hex digits, or by at least 8 that no
/// other begins with.
///
/// **With n-of-n, any member of a group can freeze its money**, by not signing.
///
/// Every method throws an ApiException with the code `NO_REQUESTS` where the configuration has no
/// `[requests]`, and with `NO_SUCH_PROPOSAL` or `AMBIGUOUS` for an id that names none, or several.
public interface GroupsApi {
    /// Proposes a group, and consents to it. Returns when it is on disk; the others are told when
    /// they are connected.
    ///
    /// @throws ApiException `BAD_REQUEST` for a field that is wrong, `NO_CONTACT` for a member
    ///   whose peer is not known here, `INVALID` if it breaks a limit, `BUSY` if there is no room,
    ///   `NOT_FORMED` if it follows a group that is not, `NOT_WAITING` if another that follows the
    ///   same is being made or is there
    GroupInfo proposeGroup(GroupOrder order) throws ApiException;

    /// Becomes a member of a group that waits for this node's decision; or agrees to leave, where
    /// that follows a group of this node without it.
    ///
    /// @param policy by which rules this node will sign, in words; empty: it signs nothing by
    ///   itself
    /// @throws ApiException `NOT_WAITING` if it does not; `BIRTHDAY_AHEAD` if its coins would be
    ///   looked for in later blocks alone
    GroupInfo consentToGroup(String id, String policy) throws ApiException;

    /// Does not become a member, or takes this node's proposal back: ends it for all.
    ///
    /// @param reason one sentence for people; it is sent to the others
    /// @throws ApiException `NOT_WAITING` if another may have the group by now
    GroupInfo refuseGroup(String id, String reason) throws ApiException;

    /// The proposals and groups that this node knows, newest first.
    Groups groups() throws ApiException;

    /// One of them.
    GroupInfo group(String id) throws ApiException;

    /// A group as text that other wallets import.
    ///
    /// @throws ApiException `NOT_FORMED` before all members hold all signatures
    GroupExport exportGroup(String id) throws ApiException;

    /// Takes a group back that this node was in and has lost.
    ///
    /// @param record as another member's node exports it, hex
    /// @throws ApiException `INVALID` if it is no formed group of this node's, or its key is not
    ///   here; `NOT_WAITING`, `BUSY`, `BAD_RECORD`
    GroupInfo importGroup(String record) throws ApiException;
}
