/// The command line: one class a command. Start reading at [org.tutti.app.cli.Main].
@NullMarked
package org.tutti.app.cli;

import org.jspecify.annotations.NullMarked;
