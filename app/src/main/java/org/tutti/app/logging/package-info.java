/// Where log lines go: those of the libraries, which log as the JDK does, and a node's events.
/// Logback writes them.
@NullMarked
package org.tutti.app.logging;

import org.jspecify.annotations.NullMarked;
