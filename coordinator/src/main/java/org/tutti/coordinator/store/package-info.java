/// What a restart finds: requests, what was said about them, and contacts, in one file that is
/// appended to. Start reading at [org.tutti.coordinator.store.RequestLog].
@NullMarked
package org.tutti.coordinator.store;

import org.jspecify.annotations.NullMarked;
