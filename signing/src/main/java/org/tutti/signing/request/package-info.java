/// What the group is asked to sign, and the session id that commits to it (SAFETY 15). Spec:
/// docs/protocol.md, "Request". Start reading at [org.tutti.signing.request.SigningRequest].
@NullMarked
package org.tutti.signing.request;

import org.jspecify.annotations.NullMarked;
