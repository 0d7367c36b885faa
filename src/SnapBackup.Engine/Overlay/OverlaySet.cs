using System.Collections.Immutable;
using SnapBackup.Engine.Log;

namespace SnapBackup.Engine.Overlay;

/// <summary>The overlays that are open over one snapshot.</summary>
internal sealed class OverlaySet
{
    private ImmutableArray<OverlayStore> _all = [];

    public void Add(OverlayStore overlay) => ImmutableInterlocked.Update(ref _all, all => all.Add(overlay));

    public void Remove(OverlayStore overlay) => ImmutableInterlocked.Update(ref _all, all => all.Remove(overlay));

    /// <summary>Whether one of them has a segment. Asked under <see cref="LogSet.Appending"/>.</summary>
    public bool Own(Segment segment) => _all.Any(overlay => overlay.Owns(segment));

    /// <summary>Gives back what they have, because the snapshot is not active any more. Runs under <see cref="LogSet.Appending"/>.</summary>
    /// <param name="refusal">What later requests fail with.</param>
    public async ValueTask ReleaseAsync(EngineException refusal)
    {
        foreach (var overlay in _all)
            await overlay.ReleaseAsync(refusal).ConfigureAwait(false);
    }
}
