using CsCheck;
using SnapBackup.Blocks;

namespace SnapBackup.Engine.Tests;

internal enum DiskWriteKind
{
    Write,
    WriteThrough,
    WriteZeroes,
    Trim,
    Flush,
}

/// <summary>A request of a generated sequence, applied to a device and to the plain array that models it.</summary>
internal sealed record DiskWrite(DiskWriteKind Kind, int Offset, int Length, byte Value)
{
    /// <summary>Unaligned and overlapping requests inside a range; mostly small, some many blocks long.</summary>
    public static Gen<DiskWrite> Within(int start, int end) =>
        from kind in Gen.Enum<DiskWriteKind>()
        from offset in Gen.Int[start, end - 1]
        from length in Gen.Frequency((4, Gen.Int[1, 6000]), (1, Gen.Int[1, 80_000]))
        from value in Gen.Byte
        select new DiskWrite(kind, offset, Math.Min(length, end - offset), value);

    public async Task ApplyAsync(IBlockDevice device, byte[] model)
    {
        var range = model.AsMemory(Offset, Length);
        switch (Kind)
        {
            case DiskWriteKind.Write or DiskWriteKind.WriteThrough:
                range.Span.Fill(Value);
                var options = Kind == DiskWriteKind.Write ? WriteOptions.None : WriteOptions.ForceUnitAccess;
                await device.WriteAsync(Offset, range.ToArray(), options);
                break;
            case DiskWriteKind.WriteZeroes:
                range.Span.Clear();
                await device.WriteZeroesAsync(Offset, Length);
                break;
            case DiskWriteKind.Trim:
                range.Span.Clear(); // what a disk in memory makes of a trim
                await device.TrimAsync(Offset, Length);
                break;
            default:
                await device.FlushAsync();
                break;
        }
    }
}
