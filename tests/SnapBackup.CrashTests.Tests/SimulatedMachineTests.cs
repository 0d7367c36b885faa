using SnapBackup.Blocks;
using SnapBackup.CrashTests.Simulation;

namespace SnapBackup.CrashTests.Tests;

/// <summary>The fault model: what a power cut may leave, and what it may not take.</summary>
public sealed class SimulatedMachineTests
{
    private const string A = "a";
    private const string B = "b";

    [Fact]
    public async Task What_was_flushed_survives_and_what_was_not_may_be_lost()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 0, 1);
        await machine.Disks[A].FlushAsync();
        await WriteAsync(machine, A, sector: 1, 2);
        Assert.Equal([1, 0], After(machine, A, SurvivalPattern.Nothing, 2));
        Assert.Equal([1, 2], After(machine, A, SurvivalPattern.Everything, 2));
    }

    [Fact]
    public async Task A_flush_of_one_disk_makes_nothing_durable_on_another()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 0, 1);
        await machine.Disks[B].FlushAsync();
        Assert.Equal([0], After(machine, A, SurvivalPattern.Nothing, 1));
    }

    [Fact]
    public async Task A_flush_that_has_not_ended_makes_nothing_durable()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 0, 1);
        await machine.Disks[A].FlushAsync();
        Assert.Equal([0], After(machine, A, SurvivalPattern.Nothing, 1, position: machine.Trace.Length - 1));
    }

    [Fact]
    public async Task A_write_with_FUA_is_durable_alone()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 0, 1);
        await WriteAsync(machine, A, sector: 1, 2, WriteOptions.ForceUnitAccess);
        Assert.Equal([0, 2], After(machine, A, SurvivalPattern.Nothing, 2));
    }

    [Fact]
    public async Task An_operation_that_has_only_begun_may_have_reached_the_medium_in_part()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 0, 1, 2, 3);
        var cut = At(machine, position: 1);
        var images = SurvivalPattern.Chosen(cut, seed: 0).Select(pattern => Values(cut.Cut(pattern)[A], 3)).ToList();
        Assert.Contains([0, 0, 0], images);
        Assert.Contains([1, 0, 0], images);
        Assert.Contains([1, 2, 0], images);
        Assert.Contains([0, 0, 3], images);
        Assert.Contains([1, 0, 3], images);
        Assert.Contains([1, 2, 3], images);
    }

    [Fact]
    public async Task Of_two_writes_of_a_sector_either_may_be_the_one_that_survives()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 0, 1);
        await WriteAsync(machine, A, sector: 0, 2);
        Assert.Equal([2], After(machine, A, SurvivalPattern.Everything, 1));
        Assert.Equal([1], After(machine, A, new("the earlier", pending => pending.Operation.BeganAt == 0), 1));
        var medium = new Medium(machine.Images[A]);
        for (var position = 0; position < machine.Trace.Length; position++)
        {
            var (operation, isEnd) = machine.Trace[position];
            if (isEnd)
                medium.End((DiskOperation)operation);
            else
                medium.Begin((DiskOperation)operation);
        }

        Assert.True(medium.MayHold(0, Sector(0)));
        Assert.True(medium.MayHold(0, Sector(1)));
        Assert.True(medium.MayHold(0, Sector(2)));
        Assert.False(medium.MayHold(0, Sector(3)));
    }

    [Fact]
    public async Task A_durable_sector_is_not_undone_by_an_older_write_that_was_pending()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 0, 1);
        await WriteAsync(machine, A, sector: 0, 2, WriteOptions.ForceUnitAccess);
        Assert.All(
            Enumerable.Range(0, 20).Select(SurvivalPattern.RandomSectors),
            pattern => Assert.Equal([2], After(machine, A, pattern, 1)));
    }

    [Fact]
    public void A_write_that_was_in_flight_when_a_flush_began_is_not_covered_by_it()
    {
        var trace = new Trace();
        var write = new DiskOperation { Disk = A, Kind = DiskOperationKind.Write, Data = Sector(1) };
        var flush = new DiskOperation { Disk = A, Kind = DiskOperationKind.Flush };
        trace.Begin(write);
        trace.Begin(flush);
        trace.End(write);
        trace.End(flush);
        var medium = new Medium(DiskImage.Blank(512));
        medium.Begin(write);
        medium.Begin(flush);
        medium.End(write);
        medium.End(flush);
        Assert.True(medium.MayHold(0, Sector(0)));
        Assert.True(medium.MayHold(0, Sector(1)));
    }

    [Fact]
    public async Task Zeros_and_trims_are_volatile_too()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 0, 1, 2);
        await machine.Disks[A].FlushAsync();
        await machine.Disks[A].WriteZeroesAsync(0, 512);
        await machine.Disks[A].TrimAsync(512, 512);
        Assert.Equal([1, 2], After(machine, A, SurvivalPattern.Nothing, 2));
        Assert.Equal([0, 0], After(machine, A, SurvivalPattern.Everything, 2));
    }

    [Fact]
    public async Task An_unaligned_write_replaces_its_bytes_and_keeps_the_rest_of_the_sector()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 0, 1, 1);
        await machine.Disks[A].WriteAsync(500, new byte[] { 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7 });
        var read = new byte[1024];
        await machine.Disks[A].ReadAsync(0, read);
        Assert.Equal(Enumerable.Repeat((byte)1, 500).Concat(Enumerable.Repeat((byte)7, 14)).Concat(Enumerable.Repeat((byte)1, 510)), read);
    }

    [Fact]
    public async Task A_disk_that_grows_has_either_size_until_it_has_grown_and_keeps_what_it_holds()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 7, 1, WriteOptions.ForceUnitAccess);
        await machine.Disks[A].GrowAsync(8192);
        await WriteAsync(machine, A, sector: 15, 2, WriteOptions.ForceUnitAccess);
        Assert.Equal(8192, machine.Disks[A].Size);
        Assert.Equal(4096, At(machine, 3).Cut(SurvivalPattern.Nothing)[A].Size);
        Assert.Equal(8192, At(machine, 3).Cut(SurvivalPattern.Everything)[A].Size);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2], After(machine, A, SurvivalPattern.Nothing, 16));
    }

    [Fact]
    public async Task What_is_done_after_the_cut_cannot_reach_the_image()
    {
        var machine = NewMachine();
        await WriteAsync(machine, A, sector: 0, 1);
        var position = machine.Trace.Length;
        await WriteAsync(machine, A, sector: 0, 2);
        await machine.Disks[A].FlushAsync();
        Assert.Equal([1], After(machine, A, SurvivalPattern.Everything, 1, position));
    }

    [Fact]
    public async Task Lingering_requests_overlap_and_are_traced_in_the_order_in_which_they_took_effect()
    {
        var images = new Dictionary<string, DiskImage> { [A] = DiskImage.Blank(512) };
        var overlapped = false;
        for (var seed = 0; seed < 50; seed++)
        {
            var machine = new SimulatedMachine(images, Pace.Varied(seed));
            await Task.WhenAll(Enumerable.Range(1, 8).Select(value => WriteAsync(machine, A, 0, (byte)value)));
            var read = new byte[512];
            await machine.Disks[A].ReadAsync(0, read);
            Assert.Equal([read[0]], After(machine, A, SurvivalPattern.Everything, 1));
            overlapped |= !machine.Trace[1].IsEnd;
        }

        Assert.True(overlapped);
    }

    private static SimulatedMachine NewMachine() =>
        new(new Dictionary<string, DiskImage> { [A] = DiskImage.Blank(4096), [B] = DiskImage.Blank(4096) }, Pace.AtOnce);

    private static byte[] Sector(byte value) => [.. Enumerable.Repeat(value, 512)];

    private static Task WriteAsync(SimulatedMachine machine, string disk, int sector, params byte[] values) =>
        WriteAsync(machine, disk, sector, values, WriteOptions.None);

    private static Task WriteAsync(SimulatedMachine machine, string disk, int sector, byte value, WriteOptions options) =>
        WriteAsync(machine, disk, sector, [value], options);

    private static Task WriteAsync(SimulatedMachine machine, string disk, int sector, byte[] values, WriteOptions options) =>
        machine.Disks[disk].WriteAsync(sector * 512L, values.SelectMany(Sector).ToArray(), options).AsTask();

    private static PowerCut At(SimulatedMachine machine, int position)
    {
        var cut = new PowerCut(machine);
        while (cut.Position < position)
            cut.Step();
        return cut;
    }

    private static byte[] After(SimulatedMachine machine, string disk, SurvivalPattern pattern, int sectors, int? position = null) =>
        Values(At(machine, position ?? machine.Trace.Length).Cut(pattern)[disk], sectors);

    private static byte[] Values(DiskImage image, int sectors)
    {
        Assert.All(Enumerable.Range(0, sectors), sector => Assert.Single(image[sector].Distinct()));
        return [.. Enumerable.Range(0, sectors).Select(sector => image[sector][0])];
    }
}
