namespace SnapBackup.Engine.Tests;

public sealed class RequestGateTests
{
    [Fact]
    public async Task Closing_waits_for_those_inside_and_holds_back_those_outside()
    {
        var gate = new RequestGate();
        await gate.EnterAsync(default);
        var closed = gate.CloseAsync();
        var late = gate.EnterAsync(default).AsTask();
        Assert.False(closed.IsCompleted);
        Assert.False(late.IsCompleted);
        gate.Leave();
        await closed;
        Assert.False(late.IsCompleted);
        gate.Open();
        await late;
        gate.Leave();
    }

    [Fact]
    public async Task Closing_gives_up_when_something_else_comes_first_and_the_gate_is_open_again()
    {
        var gate = new RequestGate();
        await gate.EnterAsync(default);
        var first = new TaskCompletionSource();
        var closed = gate.TryCloseAsync(first.Task);
        var late = gate.EnterAsync(default).AsTask();
        Assert.False(late.IsCompleted);
        first.SetResult();
        Assert.False(await closed);
        await late;
        gate.Leave();
        gate.Leave();
        Assert.True(await gate.TryCloseAsync(new TaskCompletionSource().Task));
        gate.Open();
        await gate.CloseAsync();
    }

    [Fact]
    public async Task Those_held_back_are_refused_when_the_gate_is_shut_for_good()
    {
        var gate = new RequestGate();
        await gate.EnterAsync(default);
        var shut = gate.ShutAsync(new EngineException(EngineError.DeviceTornDown, "gone"));
        await Errors.ExpectAsync(EngineError.DeviceTornDown, "gone", () => gate.EnterAsync(default).AsTask());
        Assert.False(shut.IsCompleted);
        gate.Leave();
        await shut;
    }

    [Fact]
    public async Task A_request_that_waits_can_be_cancelled()
    {
        var gate = new RequestGate();
        await gate.CloseAsync();
        using var cancel = new CancellationTokenSource();
        var waiting = gate.EnterAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        gate.Open();
        await gate.CloseAsync(); // nobody is counted as inside
    }

    [Fact]
    public async Task Nobody_is_inside_while_the_gate_is_closed()
    {
        var gate = new RequestGate();
        var inside = 0;
        var done = false;
        var requests = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref done))
            {
                await gate.EnterAsync(default);
                Interlocked.Increment(ref inside);
                Thread.Yield();
                Interlocked.Decrement(ref inside);
                gate.Leave();
            }
        })).ToArray();
        for (var round = 0; round < 2000; round++)
        {
            await gate.CloseAsync();
            Assert.Equal(0, Volatile.Read(ref inside));
            gate.Open();
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(requests);
    }
}
