/// Time that stands still until a test moves it.
@NullMarked
package org.tutti.testkit.clock;

import org.jspecify.annotations.NullMarked;
