/// Headers on disk: append-only flat files with a checksum for each record.
///
/// A folder has the files `headers`, `marks` and `lock`. All numbers are little-endian; checksums
/// are CRC-32C.
///
/// | `headers` | bytes |
/// |---|---|
/// | `TUTTIHD1` | 8 |
/// | the network's id | 32 |
/// | the chain's first header | 80 |
/// | its height; bits and time of its period; work below it, 128 bits | 4, 4, 4, 16 |
/// | checksum of all before | 4 |
/// | then for each further header: its 80 bytes, checksum of them and of its number from 0 on, 32 bits | 84 each |
///
/// | `marks` | bytes |
/// |---|---|
/// | for each mark: its kind, the block's hash, zeros, checksum of all that and of its number from 0 on, 32 bits | 1, 32, 3, 4 |
///
/// Where most of a thousand marks or more say nothing any more when the file is opened, a new file
/// with the others takes its place.
///
/// What was written is otherwise never written again. A file ends at its first record that is not
/// intact: what follows is cut off when it is opened, and fetched again.
///
/// Start reading at [FileHeaderStore][org.tutti.lightclient.store.FileHeaderStore].
@NullMarked
package org.tutti.lightclient.store;

import org.jspecify.annotations.NullMarked;
