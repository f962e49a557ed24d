/// Who signs: members and the fixed, ordered group of one epoch. Spec: BIP327 KeySort (the order of
/// the keys). Start reading at [org.tutti.signing.group.SignerGroup].
@NullMarked
package org.tutti.signing.group;

import org.jspecify.annotations.NullMarked;
