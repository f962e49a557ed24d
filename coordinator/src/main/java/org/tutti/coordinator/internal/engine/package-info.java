/// The state machine of a node's requests: pure, and taken through its life by one thread. Start
/// reading at [org.tutti.coordinator.internal.engine.CoordinatorEngine].
@NullMarked
package org.tutti.coordinator.internal.engine;

import org.jspecify.annotations.NullMarked;
