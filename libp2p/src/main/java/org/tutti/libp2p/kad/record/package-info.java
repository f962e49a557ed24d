/// What a DHT takes as the value of a key: validators for namespaces, as go-libp2p-record has them,
/// `/pk` records (libp2p/specs `kad-dht/README.md`, "Entry validation"), and signed records of our
/// own (`docs/protocol.md`, "Records in the DHT"). No I/O but for the file of sequences.
///
/// Start reading at [org.tutti.libp2p.kad.record.RecordValidator] and
/// [org.tutti.libp2p.kad.record.SignedRecord].
@NullMarked
package org.tutti.libp2p.kad.record;

import org.jspecify.annotations.NullMarked;
