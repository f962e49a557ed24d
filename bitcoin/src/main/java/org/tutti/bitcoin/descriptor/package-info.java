/// Output script descriptors (BIP380) of keys that sign together: `tr(musig(…))` of BIP390, with
/// the multipath steps of BIP389. Start reading at [org.tutti.bitcoin.descriptor.MusigDescriptor].
@NullMarked
package org.tutti.bitcoin.descriptor;

import org.jspecify.annotations.NullMarked;
