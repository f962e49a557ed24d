/// The reasons of file system failures in words.
@NullMarked
package org.tutti.node.files;

import org.jspecify.annotations.NullMarked;
