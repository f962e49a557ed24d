package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;

import java.util.ArrayList;
import java.util.List;

/// The engine of one group, and what performs its outputs.
public final class GroupEngine {
    /// Performs outputs other than Append.
    public interface OutputHandler {
        void perform(EngineOutput output);
    }

    private final Bytes group;
    private final SessionEngine engine;
    private final OutputHandler handler;

    /// @param group id of the group, 32 bytes
    public GroupEngine(Bytes group, SessionEngine engine, OutputHandler handler) {
        this.group = group;
        this.engine = engine;
        this.handler = handler;
    }

    /// Id of the group, 32 bytes.
    public Bytes group() {
        return group;
    }

    public SessionEngine engine() {
        return engine;
    }

    /// Outputs of this engine, to be committed with those of others.
    public List<GroupOutput> outputs(List<EngineOutput> outputs) {
        List<GroupOutput> own = new ArrayList<>(outputs.size());
        for (EngineOutput output : outputs) {
            own.add(new GroupOutput(this, output));
        }
        return own;
    }

    void perform(EngineOutput output) {
        if (!(output instanceof EngineOutput.Append)) {
            handler.perform(output);
        }
    }

    @Override
    public String toString() {
        return "engine of group " + group;
    }
}
