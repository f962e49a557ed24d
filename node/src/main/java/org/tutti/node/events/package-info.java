/// What a node tells the world while it runs: [org.tutti.node.events.NodeEvent] has every event,
/// the writers put them out as JSON lines or as text for people.
@NullMarked
package org.tutti.node.events;

import org.jspecify.annotations.NullMarked;
