/// Keeps wanted peers connected: dials them, and again when they are lost.
///
/// Start reading at `WantedEngine`, which decides who is dialled when.
@NullMarked
package org.tutti.libp2p.internal.wanted;

import org.jspecify.annotations.NullMarked;
