/// What a node reports while it runs: [org.tutti.node.events.NodeEvent] has every event, the
/// writers print them as JSON lines or as text for people.
@NullMarked
package org.tutti.node.events;

import org.jspecify.annotations.NullMarked;
