/// Whether libsecp256k1 can be used on this machine.
@NullMarked
package org.tutti.musig.secp256k1;

import org.jspecify.annotations.NullMarked;
