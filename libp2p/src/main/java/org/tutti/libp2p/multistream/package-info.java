/// How an agreement on a protocol fails (multistream-select 1.0, libp2p/specs
/// connections/README.md#multistream-select): what a user is told by a dial or a stream. Hosts
/// negotiate by themselves, with `internal.multistream`.
@NullMarked
package org.tutti.libp2p.multistream;

import org.jspecify.annotations.NullMarked;
