package org.tutti.node.api;

/// A formed group for another wallet.
///
/// @param id of the descriptor, 64 hex digits
/// @param descriptor what Bitcoin Core imports: BIP380 with its checksum, BIP389, BIP390
/// @param address the first that others pay to
/// @param birthday height of a block before which it has no coins: the rescan begins there
/// @param network as the configuration writes it
/// @param encoding the whole of what all members signed, hex (docs/protocol.md, "Groups")
/// @param record everything that was said until the group was there, hex: with it and its key a
///   member takes the group back that it has lost
public record GroupExport(
        String id,
        String descriptor,
        String address,
        int birthday,
        String network,
        String encoding,
        String record) {}
