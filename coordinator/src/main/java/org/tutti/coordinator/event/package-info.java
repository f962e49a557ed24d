/// What happens to requests, as typed events. Start reading at
/// [org.tutti.coordinator.event.CoordinatorEvent].
@NullMarked
package org.tutti.coordinator.event;

import org.jspecify.annotations.NullMarked;
