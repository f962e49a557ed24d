/// The secrets of a node, and their files. SIGNING-SAFETY 17: identity and signing key are
/// distinct, and the signing key never leaves this package except as a
/// [org.tutti.musig.keys.SecretKey]. Start reading at [org.tutti.node.keystore.KeyStore].
@NullMarked
package org.tutti.node.keystore;

import org.jspecify.annotations.NullMarked;
