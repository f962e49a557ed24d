/// Groups that strangers become: what a group is, how far its making is, who decides, and where its
/// keys are. Start reading at [org.tutti.coordinator.group.GroupDescriptor].
@NullMarked
package org.tutti.coordinator.group;

import org.jspecify.annotations.NullMarked;
