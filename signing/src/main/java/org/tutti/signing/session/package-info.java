/// What is visible of a signing session from outside: its events, its outcome, its timeouts. Start
/// reading at [org.tutti.signing.session.SessionOutcome].
@NullMarked
package org.tutti.signing.session;

import org.jspecify.annotations.NullMarked;
