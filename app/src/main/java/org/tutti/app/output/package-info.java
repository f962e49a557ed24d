/// What commands print: nothing in it acts on a terminal but what the command itself means.
@NullMarked
package org.tutti.app.output;

import org.jspecify.annotations.NullMarked;
