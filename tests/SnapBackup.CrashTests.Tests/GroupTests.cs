using SnapBackup.CrashTests.Scenarios;
using SnapBackup.CrashTests.Simulation;
using SnapBackup.Engine;

namespace SnapBackup.CrashTests.Tests;

/// <summary>
/// Two devices on one machine start a snapshot as a group. Whenever the power is cut, once or twice, both have it afterwards or neither.
/// </summary>
public sealed class GroupTests
{
    private const string Group = "g";
    private const int Size = 64 << 10;

    private static readonly string[] Names = ["a", "b"];
    private static readonly DeviceSettings Settings = new() { ChangeGranularity = 8192 };

    [Fact]
    public async Task After_a_power_cut_all_devices_of_a_group_have_the_snapshot_or_none()
    {
        var machine = new SimulatedMachine(NewDisks(), Pace.AtOnce);
        var devices = await Task.WhenAll(Names.Select(name => SnapDevice.SetUpAsync(
            name, machine.Disks[$"{name} source"], [machine.Disks[$"{name} log"]], Settings)));
        await WriteAsync(devices, number: 1);
        var frozen = Names.Select(name => ContentOf(machine, name)).ToList();
        var began = machine.Trace.Length;
        await SnapDeviceGroup.StartSnapshotAsync(devices, Group);
        var ended = machine.Trace.Length;
        await WriteAsync(devices, number: 2);

        var outcomes = new HashSet<bool>();
        var instant = At(machine, began);
        for (var tried = 0; ; instant.Step())
        {
            if (instant.IsTelling || instant.IsLast)
            {
                foreach (var pattern in Distinct(instant, SurvivalPattern.Chosen(instant, seed: instant.Position)))
                {
                    var next = new SimulatedMachine(instant.Cut(pattern), Pace.AtOnce);
                    var exists = await OpenAsync(next, frozen, mustExist: instant.Position >= ended);
                    outcomes.Add(exists);
                    if (++tried % 8 == 0)
                        await CutAgainAsync(next, frozen, mustExist: instant.Position >= ended);
                }
            }

            if (instant.IsLast)
                break;
        }

        Assert.Equal([false, true], outcomes.Order());
    }

    private static async Task CutAgainAsync(SimulatedMachine machine, List<byte[]> frozen, bool mustExist)
    {
        for (var instant = At(machine, 0); !instant.IsLast; instant.Step())
        {
            if (!instant.IsTelling)
                continue;
            foreach (var pattern in Distinct(instant, [SurvivalPattern.Nothing, SurvivalPattern.Everything, SurvivalPattern.RandomSectors(instant.Position)]))
                await OpenAsync(new SimulatedMachine(instant.Cut(pattern), Pace.AtOnce), frozen, mustExist);
        }
    }

    /// <summary>Opens both devices, has the group resolved, and looks.</summary>
    /// <returns>Whether the snapshot exists.</returns>
    private static async Task<bool> OpenAsync(SimulatedMachine machine, List<byte[]> frozen, bool mustExist)
    {
        var devices = await Task.WhenAll(Names.Select(name => SnapDevice.OpenAsync(
            name, machine.Disks[$"{name} source"], [machine.Disks[$"{name} log"]], Settings)));
        await SnapDeviceGroup.ResolveAsync(devices);
        var snapshots = devices.Select(device => device.FindSnapshot(Group)).OfType<Snapshot>().ToList();
        Assert.True(snapshots.Count is 0 or 2, $"{snapshots.Count} of 2 devices have it");
        Assert.True(!mustExist || snapshots.Count == 2, "it was acknowledged and is gone");
        foreach (var (snapshot, content) in snapshots.Zip(frozen))
        {
            await using var open = snapshot.Open();
            var read = new byte[Size];
            await open.ReadAsync(0, read);
            Assert.Equal(content, read);
        }

        foreach (var device in devices)
            await device.DisposeAsync();
        return snapshots.Count == 2;
    }

    private static Dictionary<string, DiskImage> NewDisks()
    {
        var disks = new Dictionary<string, DiskImage>();
        foreach (var name in Names)
        {
            disks.Add($"{name} source", DiskImage.Of(TestPattern.Of(0, Size, name[0])));
            disks.Add($"{name} log", DiskImage.Blank(400 << 10));
        }

        return disks;
    }

    private static async Task WriteAsync(SnapDevice[] devices, int number)
    {
        foreach (var device in devices)
        {
            await using var origin = device.OpenOrigin();
            await origin.WriteAsync(4000, TestPattern.Of(4000, 9000, number));
        }
    }

    private static byte[] ContentOf(SimulatedMachine machine, string name)
    {
        var content = new byte[Size];
        Assert.True(machine.Disks[$"{name} source"].ReadAsync(0, content).IsCompletedSuccessfully);
        return content;
    }

    private static PowerCut At(SimulatedMachine machine, int position)
    {
        var instant = new PowerCut(machine);
        while (instant.Position < position)
            instant.Step();
        return instant;
    }

    private static IEnumerable<SurvivalPattern> Distinct(PowerCut instant, IEnumerable<SurvivalPattern> patterns) =>
        patterns.DistinctBy(instant.Fingerprint);
}
