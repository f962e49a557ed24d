/// The command line: one class a command, and what all of them share: exit codes
/// ([org.tutti.node.cli.ExitCodes]) and errors in one line ([org.tutti.node.cli.CommandFailed]).
/// Start reading at [org.tutti.node.cli.Main].
@NullMarked
package org.tutti.node.cli;

import org.jspecify.annotations.NullMarked;
