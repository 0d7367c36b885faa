using System.Text.Json.Serialization;
using SnapBackup.Blocks;
using SnapBackup.Engine;

namespace SnapBackup.Pipeline.Jobs;

/// <summary>
/// A backup job: what is backed up, where to, and when. It is what <c>job.schema.json</c> describes;
/// <see cref="JobValidator"/> says whether one can be used.
/// </summary>
public sealed record JobDocument
{
    /// <summary>Where editors find the schema; without meaning here.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>
    /// Its name: 1 to 63 letters, digits, dots, underscores and hyphens, the first a letter or digit. Its document is
    /// <c>&lt;name&gt;.json</c>, its archives and its snap device carry it.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The absolute path of the disk, volume or image.</summary>
    public required string Source { get; init; }

    /// <summary>The logs, 1 to 512, in the order in which they fill.</summary>
    public required IReadOnlyList<JobLog> Logs { get; init; }

    /// <summary>The absolute path of the folder that keeps the archives.</summary>
    public required string Store { get; init; }

    /// <summary>When it runs; absent, only when somebody asks.</summary>
    public JobSchedule? Schedule { get; init; }

    /// <summary>How many of its newest archives stay; absent, all.</summary>
    public int? Keep { get; init; }

    /// <summary>When its snap device is set up.</summary>
    public AttachMode Attach { get; init; }

    /// <summary>
    /// The unit of preservation: a power of two from 4 KiB to 1 MiB; absent, the engine's own choice. Like
    /// <see cref="ChangeGranularity"/> and <see cref="Durability"/> it counts when the device is set up; one that is opened again keeps its own.
    /// </summary>
    public ByteSize? BlockSize { get; init; }

    /// <summary>The unit of the change map: a power of two from 4 KiB to 64 KiB; absent, the engine's own choice.</summary>
    public ByteSize? ChangeGranularity { get; init; }

    /// <summary>Whether snapshots survive a power cut; absent, they do.</summary>
    public LogDurability? Durability { get; init; }

    /// <summary>Which log takes the next preserved blocks; absent, the engine's own choice.</summary>
    public LogAllocation? Allocation { get; init; }

    /// <summary>What the job's snap device is attached from; the device has the job's name.</summary>
    public SnapDeviceOptions ToDeviceOptions()
    {
        var options = new SnapDeviceOptions
        {
            Name = Name,
            Source = Source,
            Logs = [.. Logs.Select(log => new LogOptions { Path = log.Path, Size = log.Size?.Bytes })],
        };
        return options with
        {
            BlockSize = (int?)BlockSize?.Bytes ?? options.BlockSize,
            ChangeGranularity = (int?)ChangeGranularity?.Bytes ?? options.ChangeGranularity,
            Durability = Durability ?? options.Durability,
            Allocation = Allocation ?? options.Allocation,
        };
    }
}
