using SnapBackup.Pipeline.Cycle;
using SnapBackup.Pipeline.Journal;

namespace SnapBackup.Pipeline.Tests.Cycle;

/// <summary>A source can be kept from runs while its device is changed.</summary>
public sealed class ReservationTests : IAsyncDisposable
{
    private readonly CycleFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_run_waits_until_its_source_is_no_longer_reserved()
    {
        var prepares = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reservation = _fixture.Cycle.TryReserve(_fixture.Job.Source);
        Assert.NotNull(reservation);

        var run = _fixture.RunAsync(ProgressProbe.At(CycleStep.Prepare, () => prepares.TrySetResult()));
        await prepares.Task;
        Assert.Null(_fixture.Cycle.TryReserve(_fixture.Job.Source));
        Assert.Empty(_fixture.Devices.Devices);
        reservation.Dispose();

        Assert.Equal(RunOutcome.Succeeded, (await run).Run.Outcome);
    }

    [Fact]
    public async Task A_source_that_a_run_has_is_not_reserved()
    {
        var reservations = new List<IDisposable?>();

        await _fixture.RunAsync(ProgressProbe.At(
            CycleStep.Archive, () => reservations.Add(_fixture.Cycle.TryReserve(_fixture.Job.Source))));

        Assert.Null(Assert.Single(reservations));
        using var afterwards = _fixture.Cycle.TryReserve(_fixture.Job.Source);
        Assert.NotNull(afterwards);
    }

    [Fact]
    public void A_source_that_is_not_there_is_nobodys()
    {
        using var reservation = _fixture.Cycle.TryReserve(_fixture["missing.img"]);
        Assert.NotNull(reservation);
    }
}
