/// What every transport must give a host: one suite of tests, run over TCP and over memory.
@NullMarked
package org.tutti.testkit.host;

import org.jspecify.annotations.NullMarked;
