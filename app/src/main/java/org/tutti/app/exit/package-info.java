/// How a command of `./tutti` ends: exit codes, and errors that a person can read in one line. No
/// other part of Tutti knows exit codes.
@NullMarked
package org.tutti.app.exit;

import org.jspecify.annotations.NullMarked;
