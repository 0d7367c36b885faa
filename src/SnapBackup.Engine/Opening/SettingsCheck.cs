using SnapBackup.Blocks;

namespace SnapBackup.Engine.Opening;

/// <summary>Refuses what a device cannot be made of.</summary>
internal static class SettingsCheck
{
    private const long LargestSource = 1L << 60;

    public static void ThrowIfInvalid(string name, DeviceSettings settings, int logCount)
    {
        DeviceName.ThrowIfInvalid(name, "device");
        if (settings.BlockSize is < DeviceSettings.MinBlockSize or > DeviceSettings.MaxBlockSize || !int.IsPow2(settings.BlockSize))
        {
            throw new EngineException(
                EngineError.InvalidBlockSize, $"{name}: a block size of {settings.BlockSize} bytes is not a power of two from 4096 to 1048576.");
        }

        if (settings.ChangeGranularity is < DeviceSettings.MinChangeGranularity or > DeviceSettings.MaxChangeGranularity || !int.IsPow2(settings.ChangeGranularity))
        {
            throw new EngineException(
                EngineError.InvalidChangeGranularity,
                $"{name}: a change granularity of {settings.ChangeGranularity} bytes is not a power of two from 4096 to 65536.");
        }

        ThrowIfOutOfRange(name, settings.Overflow);
        ThrowIfNoLogCount(name, logCount);
    }

    public static void ThrowIfNoLogCount(string name, int logCount)
    {
        if (logCount is < 1 or > DeviceSettings.MaxLogs)
        {
            throw new EngineException(
                EngineError.InvalidLogCount, $"{name}: {logCount} logs were given; a device has 1 to {DeviceSettings.MaxLogs}.");
        }
    }

    private static void ThrowIfOutOfRange(string name, OverflowOptions options)
    {
        if (options.HoldFor < TimeSpan.Zero || options.HoldFor > OverflowOptions.LongestHold)
            throw Refused($"writes cannot be held for {options.HoldFor}; give a time up to {OverflowOptions.LongestHold}");
        if (options.LargestDelay < TimeSpan.Zero || options.LargestDelay > OverflowOptions.LongestDelay)
            throw Refused($"writes cannot be delayed by {options.LargestDelay}; give a time up to {OverflowOptions.LongestDelay}, or zero");
        if (options.SlowFrom is not (>= 0 and <= 1))
            throw Refused($"{options.SlowFrom} is no fill that writes can be slowed from; give one from 0 to 1");
        if (options.Horizon < TimeSpan.Zero)
            throw Refused($"{options.Horizon} is no time to look ahead; give a positive one, or zero");

        EngineException Refused(string why) => new(EngineError.InvalidOverflowOption, $"{name}: {why}.");
    }

    /// <summary>Whoever opened the devices may have opened one twice; by paths, <see cref="DeviceStorage"/> has seen to it.</summary>
    public static void ThrowIfShared(IBlockDevice source, IEnumerable<IBlockDevice> logs)
    {
        var seen = new HashSet<object> { Storage(source) };
        foreach (var log in logs)
        {
            if (!seen.Add(Storage(log)))
                throw new EngineException(EngineError.LogSharesStorage, $"{log.Name}: it is the source, or was named twice. Every log must be a device of its own.");
        }

        static object Storage(IBlockDevice device) => device is FileBlockDevice file ? file.Identity : device;
    }

    public static void ThrowIfUnusable(IBlockDevice source)
    {
        if (source.Size == 0)
            throw new EngineException(EngineError.EmptySource, $"{source.Name}: it has no bytes to protect. Name a disk image or device with content.");
        if (source.Size > LargestSource)
        {
            throw new EngineException(
                EngineError.TooLarge, $"{source.Name}: its {new ByteSize(source.Size)} are more than the {new ByteSize(LargestSource)} that are supported.");
        }
    }
}
