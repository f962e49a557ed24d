/// The engine behind LightClient's broadcasts: messages and time in, messages and reports out. What
/// users are told is in [org.tutti.lightclient.broadcast].
@NullMarked
package org.tutti.lightclient.internal.broadcast;

import org.jspecify.annotations.NullMarked;
