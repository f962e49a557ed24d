package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/// The worlds and tests find what they are for: each rule, once left out, is noticed by a world of
/// the seeds of [WorldsTest], or by the test that is named for it.
class PlantedBugsTest {
    @ParameterizedTest
    @EnumSource(PlantedBug.class)
    @Execution(ExecutionMode.CONCURRENT)
    void plantedBugIsCaught(PlantedBug bug) throws Exception {
        BuggyProgram program = new BuggyProgram(bug.edits());
        if (bug.caughtByWorlds()) {
            assertThat(firstWorldThatFails(bug, program)).as("a world that fails").isPresent();
        } else {
            assertThat(fails(program, bug.test)).as("%s fails", bug.test).isTrue();
        }
    }

    @Test
    void mostAreCaughtByWorlds() {
        assertThat(Arrays.stream(PlantedBug.values()).filter(PlantedBug::caughtByWorlds))
                .hasSizeGreaterThanOrEqualTo(16);
    }

    private static OptionalLong firstWorldThatFails(PlantedBug bug, BuggyProgram program)
            throws ReflectiveOperationException {
        return firstWorldThatFails(
                program, WorldRun.class, bug.seed, WorldsTest.inOrder(0, WorldsTest.SEEDS));
    }

    /// @param run a [WorldRun]
    /// @param seed is tried first
    static OptionalLong firstWorldThatFails(
            BuggyProgram program, Class<?> run, long seed, LongStream others)
            throws ReflectiveOperationException {
        LongConsumer world =
                (LongConsumer)
                        program.loadClass(run.getName()).getDeclaredConstructor().newInstance();
        return LongStream.concat(LongStream.of(seed), others)
                .filter(next -> {
                    try {
                        world.accept(next);
                        return false;
                    } catch (AssertionError _) {
                        return true;
                    }
                })
                .findFirst();
    }

    /// @param name `Class#method`
    private static boolean fails(BuggyProgram program, String name) throws Exception {
        int end = name.indexOf('#');
        Class<?> type = program.loadClass("org.tutti.signing." + name.substring(0, end));
        Constructor<?> constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object test = constructor.newInstance();
        runAll(type, test, BeforeEach.class);
        try {
            Method method = type.getDeclaredMethod(name.substring(end + 1));
            method.setAccessible(true);
            method.invoke(test);
            return false;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof LinkageError) {
                throw e;
            }
            return true;
        } finally {
            runAll(type, test, AfterEach.class);
        }
    }

    private static void runAll(Class<?> type, Object test, Class<? extends Annotation> kind)
            throws ReflectiveOperationException {
        for (Method method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(kind)) {
                method.setAccessible(true);
                method.invoke(test);
            }
        }
    }
}
