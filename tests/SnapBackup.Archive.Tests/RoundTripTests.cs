using CsCheck;
using SnapBackup.Archive.Stores;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Tests;

public sealed class RoundTripTests
{
    private static readonly Gen<(int Size, int Seed, int FrameSize, int Level, int Workers)> Cases = Gen.Select(
        Gen.OneOf(Gen.Int[1, 5000], Gen.Int[1, 600_000], Gen.Int[1, 8].Select(n => n * 64 * 1024)),
        Gen.Int[0, 1000],
        Gen.Int[16, 20].Select(bits => 1 << bits),
        Gen.Int[1, 9],
        Gen.Int[1, 5]);

    [Fact]
    public Task An_image_of_any_size_and_pattern_comes_back_as_it_was() => Cases.SampleAsync(
        async c =>
        {
            var image = TestImage.Mixed(c.Size, c.Seed);
            using var folder = new TempFolder();
            var store = new FolderStore(folder.Path, FixedTime.NewYear);
            var options = new ArchiveOptions { DeviceName = "disk", FrameSize = c.FrameSize, CompressionLevel = c.Level, Workers = c.Workers };
            var info = await store.CreateAsync(new MemoryBlockDevice("disk", image), options);

            await using var archive = await store.OpenAsync(info.Name);
            await archive.RestoreAsync(folder["restored"]);
            Assert.Equal(image, await File.ReadAllBytesAsync(folder["restored"]));
            var dirty = new MemoryBlockDevice("used disk", Enumerable.Repeat((byte)0xEE, c.Size + 100).ToArray());
            await archive.RestoreAsync(dirty);
            Assert.Equal(image, dirty.Content[..c.Size]);
            Assert.Equal(-1, dirty.Content.AsSpan(c.Size).IndexOfAnyExcept((byte)0xEE));
            Assert.Equal(c.Size, (await archive.VerifyAsync()).BytesVerified);
        },
        iter: 60,
        threads: 1);

    [Fact]
    public async Task Any_reader_of_the_seekable_format_finds_any_range()
    {
        var image = TestImage.Mixed((7 * TestArchive.FrameSize) + 12_345);
        var reader = new IndependentReader(await TestArchive.BytesOf(image));

        Assert.Equal(image.Length, reader.Size);
        Gen.Int[0, image.Length].SelectMany(offset => Gen.Int[0, image.Length - offset].Select(count => (offset, count))).Sample(
            range => Assert.Equal(image[range.offset..(range.offset + range.count)], reader.Read(range.offset, range.count)), iter: 100);
    }

    [Fact]
    public async Task The_manifest_tells_what_was_archived()
    {
        using var folder = new TempFolder();
        var taken = new DateTimeOffset(2025, 1, 1, 4, 0, 0, TimeSpan.FromHours(2));
        var options = TestArchive.Options("vm-1.root") with { SnapshotName = "Nächtlich 1", SnapshotTime = taken };
        var store = TestArchive.Store(folder);
        var created = await store.CreateAsync(new MemoryBlockDevice("disk", new byte[100_000]), options);

        Assert.Matches(@"\Avm-1\.root-20250101T020000Z-[0-9a-f]{8}\.img\.zst\z", created.Name);
        await using var archive = await store.OpenAsync(created.Name);
        var manifest = archive.Manifest;
        Assert.Equal(created.Manifest, manifest);
        Assert.Equal(
            (1, ArchiveKind.Full, null, "vm-1.root", "Nächtlich 1", taken.ToUniversalTime(), 100_000L, 512, TestArchive.FrameSize),
            (manifest.FormatVersion, manifest.Kind, manifest.ParentId, manifest.DeviceName, manifest.SnapshotName, manifest.SnapshotTime,
                manifest.ImageSize, manifest.SectorSize, manifest.FrameSize));
        Assert.Equal(new FileInfo(created.Path).Length, archive.StoredSize);
    }

    [Fact]
    public async Task Equal_images_have_equal_content_digests_and_archives_of_their_own()
    {
        using var folder = new TempFolder();
        var store = TestArchive.Store(folder);
        var image = TestImage.Mixed(200_000);
        var first = await store.CreateAsync(new MemoryBlockDevice("disk", image), TestArchive.Options());
        var second = await store.CreateAsync(new MemoryBlockDevice("disk", image), TestArchive.Options() with { CompressionLevel = 9, Workers = 1 });
        image[^1] ^= 1;
        var changed = await store.CreateAsync(new MemoryBlockDevice("disk", image), TestArchive.Options());

        Assert.Equal(first.Manifest.ContentDigest, second.Manifest.ContentDigest);
        Assert.NotEqual(first.Manifest.ContentDigest, changed.Manifest.ContentDigest);
        Assert.Equal(3, new[] { first, second, changed }.Select(archive => archive.Manifest.ArchiveId).Distinct().Count());
    }

    [Fact]
    public async Task Of_a_hole_nothing_is_read_and_next_to_nothing_stored()
    {
        const long Terabyte = 1L << 40;
        using var folder = new TempFolder();
        await using var disk = FileBlockDevice.Create(folder["disk"], Terabyte / 16);
        await disk.WriteAsync(Terabyte / 32, new byte[] { 1, 2, 3 });
        var store = TestArchive.Store(folder);

        var info = await store.CreateAsync(disk, new ArchiveOptions { DeviceName = "disk" });
        await using var archive = await store.OpenAsync(info.Name);
        await archive.RestoreAsync(folder["restored"]);

        Assert.InRange(info.StoredSize, 1, 8_000_000);
        await using var restored = FileBlockDevice.Open(folder["restored"]);
        var data = new byte[3];
        await restored.ReadAsync(Terabyte / 32, data);
        Assert.Equal([1, 2, 3], data);
        var first = await restored.GetExtentAsync(0, restored.Size);
        Assert.Equal(ExtentKind.Hole, first.Kind);
        Assert.True((await archive.VerifyAsync()).IsIntact);
    }

    [Fact]
    public async Task Progress_never_falls_and_ends_with_all()
    {
        using var folder = new TempFolder();
        var store = TestArchive.Store(folder);
        var image = TestImage.Mixed(1_000_000);
        var reports = new List<ArchiveProgress>();
        var progress = new ImmediateProgress(reports.Add);

        var info = await store.CreateAsync(new MemoryBlockDevice("disk", image), TestArchive.Options(), progress);
        AssertRises(written => Assert.InRange(written, 1, info.StoredSize));
        await using var archive = await store.OpenAsync(info.Name);
        await archive.VerifyAsync(progress);
        AssertRises(written => Assert.Equal(0, written));
        await archive.RestoreAsync(folder["restored"], progress: progress);
        AssertRises(written => Assert.InRange(written, 1, image.Length));

        void AssertRises(Action<long> checkWritten)
        {
            Assert.Equal(reports.OrderBy(report => report.BytesDone), reports);
            Assert.Equal((image.Length, image.Length), (reports[^1].BytesDone, reports[^1].BytesTotal));
            checkWritten(reports[^1].BytesWritten);
            reports.Clear();
        }
    }
}
