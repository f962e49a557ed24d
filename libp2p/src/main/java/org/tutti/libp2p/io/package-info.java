/// Bytes both ways, with nothing said yet about who is at the other end: streams, messages with
/// their length in front, and connections before security. Start reading at `ByteStream`.
@NullMarked
package org.tutti.libp2p.io;

import org.jspecify.annotations.NullMarked;
