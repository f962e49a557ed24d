/// The key of each message of a session, derived and tweaked as the request says. Spec: BIP328,
/// BIP341. Start reading at [org.tutti.signing.internal.keys.MessageKeys].
@NullMarked
package org.tutti.signing.internal.keys;

import org.jspecify.annotations.NullMarked;
