/// What failures of the file system mean in words.
@NullMarked
package org.tutti.node.files;

import org.jspecify.annotations.NullMarked;
